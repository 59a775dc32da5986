"""Text from people: one gate that it comes in through, one that it is looked up through.

``gate`` cleans what is stored; ``lookup`` folds what is searched; ``fields`` puts the first before
every form, serializer and model; ``search`` does the second in SQL. See decision 0026.
"""
