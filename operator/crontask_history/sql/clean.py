"""clean_text makes of any text one that both databases take, for what is kept and asked for."""


def clean_text(text: str) -> str:
    """Return `text` without what cannot be kept.

    A target may answer with anything: PostgreSQL keeps no NUL, and neither database keeps
    half of a surrogate pair.
    """
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
