"""Pages: the only room, with api/, that knows Flask. One blueprint per noun, and what they share:

door    how a view reads, saves, knows who asks and what was sent
safety  sign-in, CSRF, cookies, headers, limits
words   languages, dates and the words for what the tables hold
"""
