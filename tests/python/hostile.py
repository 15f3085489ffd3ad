"""Names that a platform, a client or a mistake can send, and that are somewhere more than text."""

NAMES = (
    # tags and entities of pages and mails
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<b>bold</b>", "&lt;b&gt;", "</title><x>"),
    *(
        "<a href='https://evil.example'>x</a>",
        "<style>*{display:none}</style>",
        "<!--",
        "]]>",
        "<svg/onload=x>",
    ),
    # mentions and links of chats
    *("<!channel>", "<!here>", "<!everyone>", "<@U024BE7LH>", "<!subteam^S1>", "<!date^1|x>", "<#C1|x>"),
    *("@everyone", "@here", "<@&123456789>", "<at>all</at>", "<https://evil.example|your bank>"),
    *(
        "[your bank](https://evil.example)",
        "[a][b]",
        "[a]: https://evil.example",
        "![x](https://evil.example)",
    ),
    # what cannot be seen, or turns round what follows
    *(
        "\u202egnp.exe",
        "a\u200bb",
        "a\u2066b\u2069",
        "\ufeffHotel",
        "\u2028x",
        "x\u2029",
        "\u200fx",
        "a\u00adb",
    ),
    *("\U000e0041\U000e0042", "a\u034fb\u2060", "\u061cx"),
    # commands of terminals
    *(
        "\x1b[31mred",
        "\x1b[2J\x1b[H",
        "\x1b]0;title\x07",
        "\x1b]8;;https://evil.example\x07x",
        "\x9b31m",
        "\x07",
    ),
    *("a\rb", "a\x08b", "\x7f", "\x1bP$q", "\x0e\x0f"),
    # formulas of spreadsheets, also behind something that is not seen
    *("=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1+1", "\n=1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1"),
    *("\uff1d1+1", "=cmd|'/c calc'!A0", "'=1+1", '"=1+1"'),
    # ends of strings, statements and templates
    *("O'Brien", '"x"', "a; drop table x", "{{ 7*7 }}", "${7*7}", "%s%n", "\\", "\\u003c", "a,b", "`x`"),
)
