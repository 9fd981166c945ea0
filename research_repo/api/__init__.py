"""JSON: the same verbs as on pages, for programs with a token. One module per noun, and what they share:

door      who asks, and in which language
bodies    what was sent, read without mercy
problems  every refusal as problem+json
contract  operations, and the OpenAPI document that tells of them
"""
