# The course in a container, with the same two commands as everywhere: `make book` and `make lab`.
#
#   docker build -t cnn-course .
#   docker run --rm -p 127.0.0.1:8888:8888 cnn-course                                             JupyterLab
#   docker run --rm -p 127.0.0.1:8000:8000 cnn-course make serve IP=0.0.0.0 PORT=8000             the site
#
# Build arguments reach apt and pip: --build-arg PIP_INDEX_URL=<your mirror>, --build-arg http_proxy=<your proxy>.

# What the system gives; .devcontainer stops here, since it brings the checkout itself.
FROM python:3.11-slim-bookworm AS system
RUN apt-get update \
 && apt-get install -y --no-install-recommends make git chromium fonts-noto-cjk fontconfig \
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
