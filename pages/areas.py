from yjdisp.ui import places, shell

view = shell.page()
places.areas_page(view.release)
