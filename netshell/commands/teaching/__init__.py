"""How lessons are given: questions, what answers mean, the truth as captured, marks that are kept.

What is asked, lesson by lesson, is in ``netshell.commands.lessons``.
"""
