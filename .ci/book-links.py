"""A preprocessor for mdBook: links that work in a checkout and on GitHub work on the site too. Those that leave docs/ lead to the
repository, and README.md is the index page of its folder."""

import json
import posixpath
import re
import sys

FENCE = re.compile(r"^ *(```|~~~)")
LINK = re.compile(r"\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def rewritten(content, page, address):
    def target(link):
        path, anchor = link[1], link[2] or ""
        file = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), path))
        if not file.startswith("docs/"):
            path = f"{address}/blob/main/{file}"
        elif posixpath.basename(file) == "README.md":
            path = posixpath.join(posixpath.dirname(path), "index.md")
        return f"]({path}{anchor})"

    lines, fenced = [], False
    for line in content.split("\n"):
        if FENCE.match(line):
            fenced = not fenced
        lines.append(line if fenced else LINK.sub(target, line))
    return "\n".join(lines)


def visit(items, address):
    for item in items:
        if isinstance(item, dict) and "Chapter" in item:
            chapter = item["Chapter"]
            if chapter.get("source_path"):
                chapter["content"] = rewritten(chapter["content"], chapter["source_path"], address)
            visit(chapter["sub_items"], address)


# `supports RENDERER` asks whether a renderer wants it; all do.
if sys.argv[1:2] == ["supports"]:
    sys.exit(0)
context, book = json.load(sys.stdin)
visit(book["items"], context["config"]["output"]["html"]["git-repository-url"])
json.dump(book, sys.stdout)
