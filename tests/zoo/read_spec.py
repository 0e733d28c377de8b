# reads the spec, the stub and the page -> failed
# needs landlock

FILES = "solutions/specs/ex01_toy.py", "exercises/ex01_toy.py", "questions/en/01_toy.md"

for file in FILES:
    try:
        print("got through:", open("@KIT@/" + file).read())
    except OSError:
        pass


def double(x):
    return x * 3
