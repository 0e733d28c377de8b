# reads the spec, the stub and the page -> failed
# needs landlock

FILES = "solutions/specs/@STEM@.py", "exercises/@STEM@.py", "questions/en/@PAGE@"

for file in FILES:
    try:
        print("got through:", open("@KIT@/" + file).read())
    except OSError:
        pass


def double(x):
    return x * 3
