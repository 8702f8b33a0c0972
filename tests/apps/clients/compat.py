"""docs/compat.md, made of the clients' result files alone."""


def update(folder, clients):
    return None
