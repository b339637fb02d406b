"""What came of one verb, told with its figures and tables on a page of its own.

``page`` puts it together, ``verbs`` has the page of each verb, ``clusters`` what that of clusters
shows besides. What is told stands in ``results``, for studies, notebooks and the terminal as well.
"""
