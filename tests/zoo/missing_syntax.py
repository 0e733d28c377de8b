# is no Python, as its first statement shows when it is compiled again -> error: raised SyntaxError

compile("def double(x) return x", "<string>", "exec")
