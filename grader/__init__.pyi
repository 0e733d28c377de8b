from grader.notebook import check as check

__version__: str
