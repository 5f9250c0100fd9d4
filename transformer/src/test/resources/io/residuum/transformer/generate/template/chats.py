#!/usr/bin/env python3
"""Writes chat templates, chats and the prompts that transformers makes of them, for ChatTemplateTest: chats.py FILE."""

import json
import pathlib
import sys

from transformers.utils.chat_template_utils import render_jinja_template

TEMPLATES = {
    "mistral": """{%- if messages[0]["role"] == "system" %}
    {%- set system = messages[0]["content"] %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}

{{- bos_token }}
{%- for message in rest %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate') }}
    {%- endif %}
    {%- if message["role"] == "user" %}
        {%- if loop.first and system is defined %}
            {{- " [INST] " + system + "\\n\\n" + message["content"] + " [/INST]" }}
        {%- else %}
            {{- " [INST] " + message["content"] + " [/INST]" }}
        {%- endif %}
    {%- else %}
        {{- " " + message["content"] + eos_token }}
    {%- endif %}
{%- endfor %}
""",
    "zephyr": """{% for message in messages %}
{% if message['role'] in ['user', 'system'] %}
{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "granite": """{%- set ns = namespace(system='Answer.', found=false) %}
{%- for m in messages if m.role == 'system' %}
    {%- set ns.system = m.content %}
    {%- set ns.found = true %}
{%- endfor %}
{%- if not ns.found and tools %}{% set ns.system = ns.system ~ ' With tools.' %}{% endif %}
{{- '<|start_of_role|>system<|end_of_role|>' + ns.system + '<|end_of_text|>\\n' }}
{%- for message in messages %}
    {%- if message['role'] != 'system' %}
        {{- '<|start_of_role|>' + message['role'] + '<|end_of_role|>' + message['content'] + '<|end_of_text|>\\n' }}
    {%- endif %}
    {%- if loop.last and add_generation_prompt %}
        {{- '<|start_of_role|>assistant<|end_of_role|>' }}
    {%- endif %}
{%- endfor %}""",
    "olmo": """{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}{{ '<|assistant|>\\n' + message['content'] + (eos_token if loop.last else eos_token + '\\n') }}{% else %}{{ '<|' ~ message.role ~ '|>\\n' + message['content'] + '\\n' }}{% endif %}{% if loop.last and add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}{% endfor %}""",
    "glm": """[gMASK]<sop>
{%- macro visible(content) -%}
    {%- if content is string -%}
        {{- content }}
    {%- elif content is iterable and content is not mapping -%}
        {%- for part in content -%}{{- part.text if part is mapping else part }}{%- endfor -%}
    {%- else -%}
        {{- content | tojson }}
    {%- endif -%}
{%- endmacro -%}
{%- set last = namespace(user=-1) %}
{%- for m in messages %}
    {%- if m.role == 'user' %}{% set last.user = loop.index0 -%}{%- endif %}
{%- endfor %}
{% for m in messages %}
{%- if m.role == 'user' -%}<|user|>
{{ visible(m.content) }}
{%- elif m.role == 'assistant' -%}
<|assistant|>
{%- set content = visible(m.content) %}
{%- if '</think>' in content %}
    {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
{%- endif %}
{%- if loop.index0 > last.user and content.strip() %}
{{ '\\n<think></think>' }}
{%- endif -%}
{{ '\\n' + content.strip() }}
{%- elif m.role == 'system' -%}
<|system|>
{{ visible(m.content) }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    <|assistant|>{{- '\\n<think></think>' if enable_thinking is defined and not enable_thinking else '' -}}
{%- endif -%}""",
    "llama": """{% set loop_messages = messages %}{# roles and
texts #}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% else %}{{ eos_token }}{% endif %}
""",
    "words": """{%- set items = {'a': 1, "b": [2, 3.5, none, true], 'c': {'d': 'e"\\''}} %}
{%- for key, value in items.items() %}
{{ loop.index }}/{{ loop.length }} {{ key | upper }}={{ value }};{{ value | tojson }}
    {%- if not loop.last %},{% endif %}
{%- endfor %}
{{ items | tojson(indent=2) }}
{{ messages | map(attribute='role') | join('|') }} {{ messages | selectattr('role', 'equalto', 'user') | list | length }}
{{ messages[-1].content[1:-1] }} {{ messages[::-1][0]['role'] }} {{ 'abc'[::-1] }} {{ messages[0].missing | default('none') }}
{{ 7 // 2 }} {{ 7 % 3 }} {{ 7 / 2 }} {{ -7 // 2 }} {{ 2 * 3 + 1 }} {{ 'x' * 3 }} {{ (1 + 2) ~ 'y' }} {{ not true or 3 }}
{% for n in range(5) %}{% if n == 3 %}{% break %}{% elif n == 1 %}{% continue %}{% endif %}{{ n }}{% else %}never{% endfor %}
{% for n in [] %}{{ n }}{% else %}empty{% endfor %}
{% set text %}  block {{ messages | length }} {% endset %}[{{ text | trim }}] {{ text.strip().upper().startswith(('B', 'C')) }}
{%+ if 'user' in messages | map(attribute='role') | list and messages[0] is defined and messages is not none %}  kept{% endif %}
{{ 'a' if false }}{{ "it's " 'joined' }}{{ '%' }} {{ ' A-b c '.strip().title() }} {{ 'a,b,,c'.split(',') }} {{ 'a  b'.split() }} {{ 1 == 1.0 }} {{ [1] + [2] }} {{ 'b' in 'abc' }} {{ 3 not in [1, 2] }}
""",
}
CHATS = [
    [{"role": "user", "content": "Hi"}],
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": " 50%?\n"},
        {"role": "assistant", "content": "<think>\n</think>\n\nHalf. \u00a0"},
        {"role": "user", "content": 'Thanks "a" \\ {{ b }} \u4e2d'},
    ],
    [{"role": "user", "content": "1"}, {"role": "user", "content": "2"}],
]


def prompt(template, chat, tokens):
    try:
        return render_jinja_template([chat], None, None, template, add_generation_prompt=True, **tokens)[0][0]
    except Exception as e:
        print(type(e).__name__, e, file=sys.stderr)
        return None


def main():
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    written = {
        name: {"template": t, "tokens": tokens, "chats": CHATS, "expected": [prompt(t, c, tokens) for c in CHATS]}
        for name, t in TEMPLATES.items()
    }
    pathlib.Path(sys.argv[1]).write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
