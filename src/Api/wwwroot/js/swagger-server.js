// Swagger UI shows a server as the document names it, which is relative to the document. People are shown its whole address.
document.addEventListener("DOMContentLoaded", () => {
  const Bundle = window.SwaggerUIBundle;
  const ServerAddress = () => ({
    statePlugins: {
      spec: {
        wrapActions: {
          updateJsonSpec: (update, { specSelectors }) => ({ servers = [], ...spec }) => update({
            ...spec,
            servers: servers.map(server => ({ ...server, url: new URL(server.url, specSelectors.url()).href.replace(/\/$/, "") })),
          }),
        },
      },
    },
  });
  window.SwaggerUIBundle = Object.assign(options => Bundle({ ...options, plugins: [ServerAddress] }), Bundle);
});
