"""Files that let Gradescope, GitHub and GitLab grade by themselves: `dlgrade setup`."""
