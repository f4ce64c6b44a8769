using System.Buffers;
using System.Diagnostics;
using Microsoft.Extensions.Primitives;

namespace MnistLstm.Api.Problems;

/// <summary>The id of a request, which connects the client's log, a problem answer and the service's log.</summary>
public static class RequestId
{
    public const string Header = "X-Request-Id";

    /// <summary>Characters that are safe to echo in logs, headers and HTML.</summary>
    private static readonly SearchValues<char> SafeCharacters =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/+=");

    /// <summary>Returns a client's own id with the answer.</summary>
    public static void UseRequestIds(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (FromClient(context.Request) is { } id)
        {
            context.Response.Headers[Header] = id;
        }

        return next(context);
    });

    /// <summary>
    /// The client's <c>X-Request-Id</c>, otherwise the trace id, otherwise the server's own identifier.
    /// </summary>
    public static string Of(HttpContext context) =>
        FromClient(context.Request)
        ?? Activity.Current?.TraceId.ToHexString()
        ?? (ActivityContext.TryParse(context.Request.Headers.TraceParent, traceState: null, out ActivityContext trace)
            ? trace.TraceId.ToHexString()
            : context.TraceIdentifier);

    /// <returns>Null if there is none or it has unsafe characters.</returns>
    private static string? FromClient(HttpRequest request) =>
        request.Headers.TryGetValue(Header, out StringValues values)
        && values is [{ Length: > 0 and <= Excerpt.MaxLength } id]
        && !id.AsSpan().ContainsAnyExcept(SafeCharacters) ? id : null;
}
