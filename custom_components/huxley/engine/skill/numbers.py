"""Numbers as people say them."""

from hassil.numbers import get_rbnf_engine


def number_words(number: int, language: str) -> tuple[str, ...]:
    """Return the ways to say a number, none for a language without rules. Reads rule files on first use."""
    try:
        engine = get_rbnf_engine(language)
    except ValueError:
        return ()
    spoken = engine.format_number(number).text_by_ruleset.values()
    return tuple(dict.fromkeys(text.replace("-", " ") for text in spoken))
