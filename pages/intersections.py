from yjdisp.ui import places, shell

view = shell.page()
places.intersections_page(view.release)
