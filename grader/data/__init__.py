"""The images that training tasks train on: where they come from, and digits drawn here for those who have none."""
