"""Cards in the forms of other programs: Anki, Moodle XML, QTI 1.2. Formulas are left to their MathJax."""
