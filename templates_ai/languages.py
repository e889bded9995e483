"""Whether a text is in the language that was asked for: told by script and by its small
words. Pure.
"""

from __future__ import annotations

import re
import unicodedata

SMALL_WORDS = {
    "English": (
        "the and of to is with for this that your you are from have what when "
        "where our it was will not"
    ),
    "German": (
        "der die das und ist mit für ein eine nicht wir ihr sie auf den dem von zu "
        "im auch wie es aus bei"
    ),
    "French": (
        "le la les et est avec pour une des du vous nous dans sur pas qui que ce "
        "cette au en plus votre"
    ),
    "Spanish": (
        "el la los las y es con para una del que en por tu su se lo más este esta "
        "como nuestro al"
    ),
    "Italian": (
        "il lo gli e è con per una della che di nel sono non del questo questa più "
        "come i tuo ci"
    ),
    "Portuguese": (
        "o os as e é com para uma da do que em não por seu sua no na mais este "
        "esta como você"
    ),
    "Dutch": (
        "de het een en is met voor van niet wij je op dat die te ook zijn aan bij "
        "hoe naar uit"
    ),
}
WORDS = {name: frozenset(words.split()) for name, words in SMALL_WORDS.items()}
SCRIPTS = {
    "Russian": ("CYRILLIC",),
    "Ukrainian": ("CYRILLIC",),
    "Greek": ("GREEK",),
    "Arabic": ("ARABIC",),
    "Hebrew": ("HEBREW",),
    "Hindi": ("DEVANAGARI",),
    "Thai": ("THAI",),
    "Korean": ("HANGUL",),
    "Chinese": ("CJK",),
    "Japanese": ("HIRAGANA", "KATAKANA", "CJK"),
}
ALSO_CALLED = {
    "en": "English",
    "de": "German",
    "deutsch": "German",
    "fr": "French",
    "français": "French",
    "es": "Spanish",
    "español": "Spanish",
    "it": "Italian",
    "italiano": "Italian",
    "pt": "Portuguese",
    "português": "Portuguese",
    "nl": "Dutch",
    "nederlands": "Dutch",
    "ru": "Russian",
    "русский": "Russian",
    "uk": "Ukrainian",
    "el": "Greek",
    "ar": "Arabic",
    "he": "Hebrew",
    "hi": "Hindi",
    "th": "Thai",
    "ko": "Korean",
    "zh": "Chinese",
    "ja": "Japanese",
}
# Fewer small words prove nothing: a caption may be all names.
ENOUGH = 4
LATIN = "LATIN"


def language_called(name: str) -> str:
    """The English name of a language given by name or code; blank for one that is not
    known here.
    """
    word = re.split(r"[\s_(\-]", name.strip().lower(), maxsplit=1)[0]
    for language in (*WORDS, *SCRIPTS):
        if language.lower() == word:
            return language
    return ALSO_CALLED.get(word, "")


def is_in(text: str, name: str) -> bool:
    """False only where the text is clearly in another language than the one called so."""
    language = language_called(name)
    if not language:
        return True
    scripts = [
        unicodedata.name(letter, "").split(" ")[0]
        for letter in text
        if letter.isalpha()
    ]
    if len(scripts) < ENOUGH:
        return True
    fitting = SCRIPTS.get(language, (LATIN,))
    if sum(script.startswith(fitting) for script in scripts) * 3 < len(scripts):
        return False
    return language in SCRIPTS or _has_its_words(text, language)


def _has_its_words(text: str, language: str) -> bool:
    """Whether its small words are there, or hardly any of another language."""
    hits = dict.fromkeys(WORDS, 0)
    for word in re.findall(r"\w+", text.lower()):
        for name, small_words in WORDS.items():
            hits[name] += word in small_words
    most = max(hits.values())
    return most < ENOUGH or hits[language] * 2 >= most
