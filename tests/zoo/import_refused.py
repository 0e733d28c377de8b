# imports a library that the exercise doesn't allow, and says so -> error: `requests` can't be imported

import requests


def double(x):
    return requests.get("http://127.0.0.1").json()
