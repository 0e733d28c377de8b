"""What grading a class leaves behind: pages for people, files for spreadsheets and other programs."""
