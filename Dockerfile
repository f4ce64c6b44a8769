# The service in a container: no shell, its own user, a root file system that may be read-only.
#
#   docker build -t mnist-lstm .
#   docker run --rm -p 8080:8080 --read-only mnist-lstm
#
# The base images are arguments, so that a build can pin them by digest:
#   --build-arg SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0@sha256:...
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS build
ARG TARGETARCH=amd64
WORKDIR /source

# Restore first: it is cached until a project file, a version or a lock file changes.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/Shared/Shared.csproj src/Shared/packages.lock.json src/Shared/
COPY src/Api/Api.csproj src/Api/packages.lock.json src/Api/
RUN case "$TARGETARCH" in amd64) echo linux-x64 ;; arm64) echo linux-arm64 ;; \
        *) echo "There is no image for $TARGETARCH." >&2; exit 1 ;; esac > /rid \
    && dotnet restore src/Api/Api.csproj --locked-mode -p:RuntimeIdentifier="$(cat /rid)"

COPY src/Shared src/Shared
COPY src/Api src/Api
RUN dotnet publish src/Api/Api.csproj -c Release -r "$(cat /rid)" --no-restore --self-contained false \
        -p:DebugType=none -o /app
COPY models /app/models

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="MNIST LSTM" \
      org.opencontainers.image.description="Reads handwritten digits row by row with an LSTM: POST a picture to /predict" \
      org.opencontainers.image.version="0.1.0"
WORKDIR /app
COPY --from=build /app .
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0
EXPOSE 8080
USER $APP_UID
HEALTHCHECK --interval=5s --timeout=3s --retries=3 CMD ["dotnet", "Api.dll", "--healthcheck"]
ENTRYPOINT ["dotnet", "Api.dll"]
