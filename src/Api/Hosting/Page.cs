using Microsoft.AspNetCore.StaticFiles;

namespace MnistLstm.Api.Hosting;

/// <summary>The drawing page at <c>/</c>: a few small files, served from memory.</summary>
public static class Page
{
    private const string StartFile = "index.html";

    /// <summary>Its files are shown as text, also the page of another origin.</summary>
    private const string ExamplesFolder = "examples/";

    /// <summary>
    /// The page runs its own scripts and styles, shows pictures that the person drew or chose, and talks to this
    /// service only.
    /// </summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The page needs no API key, and no rate limit applies to it.</summary>
    public static void UsePage(this WebApplication app)
    {
        Dictionary<string, PageFile> files = app.Environment.WebRootPath is { } root ? ReadFiles(root) : [];
        app.Use((context, next) =>
        {
            HttpRequest request = context.Request;
            if (!HttpMethods.IsGet(request.Method) || !files.TryGetValue(request.Path.Value!, out PageFile? file))
            {
                return next(context);
            }

            IHeaderDictionary headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-cache";
            return file.WriteAsync(context);
        });
    }

    /// <returns>Files by their path, such as <c>/js/page.js</c>.</returns>
    private static Dictionary<string, PageFile> ReadFiles(string root)
    {
        var types = new FileExtensionContentTypeProvider();
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(root, path).Replace('\\', '/');
            string type = name.StartsWith(ExamplesFolder, StringComparison.Ordinal) ? "text/plain; charset=utf-8"
                : types.TryGetContentType(name, out string? known) ? known
                : "application/octet-stream";
            files[$"/{name}"] = new PageFile(File.ReadAllBytes(path), type);
        }

        files["/"] = files[$"/{StartFile}"];
        return files;
    }
}
