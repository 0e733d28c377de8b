"""The exercises of a workspace as pytest tests: their parts and cases, judged as `dlgrade check` judges them."""
