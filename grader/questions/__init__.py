"""Question pages: markdown -> `Question` with its quiz items, and back onto a terminal.

`page.parse_page` reads a page, `check.check_page` lists all its mistakes, `terminal.show` draws it.
`front_matter.read` reads only its head with the standard library, so this package imports nothing by itself.
"""
