"""Composition root: settings, then services, then the functions of this process's role; the only FunctionApp."""

import azure.functions as func

from functions import blueprints
from shared.settings import Settings
from shared.wiring import connect

services = connect(Settings.load())
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for blueprint in blueprints(services):
    app.register_functions(blueprint)
