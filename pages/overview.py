from yjdisp.ui import blocks, filters, results, shell
from yjdisp.vocabulary import CHARACTERISTICS

release = shell.page()
choice = filters.choose(release, *CHARACTERISTICS, compared=False)
blocks.show(results.compared(release, choice))
