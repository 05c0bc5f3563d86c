from functools import partial

import streamlit as st

from yjdisp import exports, wording
from yjdisp.ui import blocks, shell

view = shell.page()
release = view.release
if release is None:
    blocks.trouble(wording.NO_RELEASE, wording.NO_RELEASE_REMEDY)
else:
    st.markdown("Files of the whole release, protected as it is. They can be published as they are.")
    for suffix, kind in exports.offered().items():
        blocks.section(kind.label)
        st.markdown(kind.use)
        st.download_button(
            f"Download {kind.label.lower()} ({suffix})",
            data=partial(exports.build, release, suffix),
            file_name=exports.file_name(release, suffix),
            mime=kind.mime,
            on_click="ignore",
            key=suffix,
        )
