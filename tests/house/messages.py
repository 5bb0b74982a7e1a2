#!/usr/bin/env python3
"""The list of all messages of the program: each text of at least three words that stands in the sources, with its file.
Usage: messages.py SOURCE_ROOT [FILE...]    prints one message a line: FILE, a tab, the text"""
import pathlib
import re
import sys

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|[^\s"\'/]+|/', re.S)
# A format between two parts of one text: a number or a name stands there.
FORMAT = re.compile(r'PRI[diuxX](?:8|16|32|64|MAX|PTR)$')
WORD = re.compile(r'[A-Za-z][a-z]{1,}')
# Not for people: XML, style sheets, headings of tables, lists of values.
OTHER = re.compile(r'^[\s<.@{]*<|class=|^\.pp |[{};]\s*\\n$|^\s*\\?"|xmlns|^[a-z_|-]+$|^%s %s')


def texts(source):
    """Texts of a file; adjacent literals are one."""
    parts = []
    for token in TOKEN.findall(source):
        if token.startswith(('/*', '//')):
            continue
        if token.startswith('"'):
            parts.append(token[1:-1])
        elif parts and FORMAT.match(token):
            parts.append('N')
        else:
            if parts:
                yield ''.join(parts)
            parts = []
    if parts:
        yield ''.join(parts)


def is_message(text):
    return len(WORD.findall(re.sub(r'`[^`]*`|%[-+ #0-9.*]*[a-z]+|\\.', ' ', text))) >= 3 and not OTHER.search(text)


def main():
    root = pathlib.Path(sys.argv[1])
    files = [root / name for name in sys.argv[2:]] or sorted(root.glob('src/*/*.c'))
    for path in files:
        without_includes = re.sub(r'^\s*#\s*include[^\n]*', '', path.read_text(), flags=re.M)
        seen = set()
        for text in texts(without_includes):
            if is_message(text) and text not in seen:
                seen.add(text)
                print(f'{path.relative_to(root)}\t{text}')


if __name__ == '__main__':
    main()
