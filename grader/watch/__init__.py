"""Watching a workspace: every save is judged, and single keys ask for help."""
