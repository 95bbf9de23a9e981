"""Let the network of chapter 9, trained on photographs, say what it takes the reader's own photographs for.

``python -m cnn_course.classify`` takes photographs and folders of them. A folder whose names say what is in it, as for
`datasets.load_photos`, is scored; of other folders and of single photographs every answer is printed.
"""
