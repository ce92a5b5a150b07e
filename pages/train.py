"""Train: the form and the visitor's runs, or the run that the address names."""

import streamlit as st

from ui import visitor
from ui.navigation import start_app
from ui.train import data_form, first_choice, network_diagram, recipe_form, run, run_list, start_box


def main() -> None:
    """Draw the screen."""
    owner = visitor.known_owner()
    st.title("Train a classifier", anchor=False)
    run_id = st.query_params.get("run")
    if run_id is not None:
        run.show(run_id, owner)
        return
    _form(owner)
    st.divider()
    run_list.show(owner)


def _form(owner: str) -> None:
    st.write(
        "Choose actions, and a network learns to recognise them from labelled clips. It is then tested on recordings "
        "it has not seen."
    )
    left, right = st.columns(2, gap="large")
    with left:
        name, dataset = data_form.choose_dataset(owner)
        labels = data_form.choose_labels(dataset, name) if dataset is not None else ()
        data_form.add_clips(dataset)
    if dataset is None:
        return
    chosen = dataset.select_labels(labels) if len(labels) > 1 else None
    with right:
        network = first_choice.choose(dataset, chosen)
        start = st.container()  # its content depends on the advanced choices below
    recipe, random_too = recipe_form.choose(dataset, network)
    if recipe is not None:
        with start:
            start_box.show(owner, name, chosen, recipe, random_too)
        if chosen is not None:
            network_diagram.show(recipe, len(labels))


if __name__ == "__main__":
    start_app()
