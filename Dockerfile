# The service (the last stage, built unless another is named) and the trainer, each without a shell, as its own user, on a
# root file system that may be read-only.
#
#   docker build -t mnist-lstm .
#   docker run --rm -p 8080:8080 -p 8081:8081 --read-only --cap-drop ALL mnist-lstm
#   docker build -t mnist-lstm-trainer --target trainer .
#
# The base images are arguments, so that a build can pin them by digest; docker buildx imagetools inspect shows it:
#   --build-arg SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble@sha256:...
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG SERVICE_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
ARG TRAINER_IMAGE=mcr.microsoft.com/dotnet/runtime:10.0-noble-chiseled

# The SDK runs on the machine that builds, whichever machine it builds for: emulated, .NET is slow, and not supported.
FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig ./
COPY LICENSE THIRD-PARTY-NOTICES.txt ./
COPY licenses licenses
COPY src/Directory.Build.props src/BannedSymbols.txt src/
COPY src/Shared/Shared.csproj src/Shared/packages.lock.json src/Shared/


FROM source AS trainer-build
ARG TARGETARCH
COPY src/Trainer/Trainer.csproj src/Trainer/packages.lock.json src/Trainer/
RUN --mount=type=cache,target=/root/.nuget/packages \
    if [ "$TARGETARCH" != amd64 ]; then echo "There is no libtorch for Linux on $TARGETARCH." >&2; exit 1; fi \
    && dotnet restore src/Trainer/Trainer.csproj --locked-mode -p:RuntimeIdentifier=linux-x64
COPY src/Shared src/Shared
COPY src/Trainer src/Trainer
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish src/Trainer/Trainer.csproj -c Release -r linux-x64 --no-restore --self-contained false \
        -p:DebugType=none -o /app \
    && mkdir /cache

FROM ${TRAINER_IMAGE} AS trainer
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="MNIST LSTM trainer" \
      org.opencontainers.image.description="Trains LSTMs that read handwritten digits row by row, and measures them" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=trainer-build /app /app
COPY deploy/mnist-lstm.openvex.json /app/
# Where models are written and MNIST is kept; named volumes mounted here begin with this content and its owner.
COPY --chown=1654:1654 models /models
COPY --from=trainer-build --chown=1654:1654 /cache /cache
ENV XDG_CACHE_HOME=/cache \
    DOTNET_EnableDiagnostics=0
WORKDIR /models
USER $APP_UID
ENTRYPOINT ["dotnet", "/app/Trainer.dll"]


FROM source AS service-build
# Without a default, which BuildKit would use instead of --platform.
ARG TARGETARCH
COPY src/Api/Api.csproj src/Api/packages.lock.json src/Api/
RUN --mount=type=cache,target=/root/.nuget/packages \
    case "$TARGETARCH" in amd64) echo linux-x64 ;; arm64) echo linux-arm64 ;; \
        *) echo "There is no image for $TARGETARCH." >&2; exit 1 ;; esac > /rid \
    && dotnet restore src/Api/Api.csproj --locked-mode -p:RuntimeIdentifier="$(cat /rid)"
COPY src/Shared src/Shared
COPY src/Api src/Api
COPY examples examples
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish src/Api/Api.csproj -c Release -r "$(cat /rid)" --no-restore --self-contained false \
        -p:DebugType=none -o /app

FROM ${SERVICE_IMAGE} AS service
# The version of the program, its commit, and the model that answers by default; scripts/build-image.sh fills them in.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG MODEL=unknown
LABEL org.opencontainers.image.title="MNIST LSTM" \
      org.opencontainers.image.description="Reads handwritten digits row by row with an LSTM: POST a picture to /predict" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      io.mnist-lstm.model="${MODEL}"
COPY --from=service-build /app /app
# Tells scanners which known vulnerabilities do not apply, and why.
COPY deploy/mnist-lstm.openvex.json /app/
# Owned by the user, so that a named volume mounted here can be written by the trainer.
COPY --chown=1654:1654 models /app/models
ENV ASPNETCORE_HTTP_PORTS=8080 \
    MNIST_GRPC_PORT=8081 \
    DOTNET_EnableDiagnostics=0
WORKDIR /app
EXPOSE 8080
EXPOSE 8081
USER $APP_UID
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=3 CMD ["dotnet", "Api.dll", "--healthcheck"]
ENTRYPOINT ["dotnet", "Api.dll"]
