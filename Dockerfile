# The course in a container, with the same two commands as everywhere: `make book` and `make lab`.
#
# How to build and start it: "In a container" in README.md.

# What the system gives; .devcontainer stops here, since it brings the checkout itself.
FROM python:3.11-slim-bookworm AS system
RUN apt-get update \
 && apt-get install -y --no-install-recommends make git chromium firefox-esr fonts-noto-cjk fontconfig \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --shell /bin/bash reader
USER reader

FROM system AS course
ARG PIP_INDEX_URL
WORKDIR /home/reader/course
COPY --chown=reader:reader . .
RUN make book install
EXPOSE 8888 8000
CMD ["make", "lab", "IP=0.0.0.0", "PORT=8888", "OPTIONS=--no-browser"]
