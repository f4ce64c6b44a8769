namespace MnistLstm.Api.Problems;

/// <summary>
/// How errors look below an address whose protocol has a form of its own for them. Registered as a service.
/// </summary>
/// <param name="Root">The addresses that it holds for begin with this.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Serialize">Writes the body, in UTF-8.</param>
public sealed record ProblemFormat(PathString Root, string ContentType, Func<Problem, byte[]> Serialize)
{
    /// <summary>RFC 9457, which holds wherever nothing else is registered.</summary>
    public static ProblemFormat Standard { get; } = new(PathString.Empty, Problem.ContentType, Problem.Serialize);

    /// <summary>The form for the address of a request.</summary>
    public static ProblemFormat For(HttpContext context) =>
        context.RequestServices.GetServices<ProblemFormat>()
            .FirstOrDefault(format => context.Request.Path.StartsWithSegments(format.Root))
        ?? Standard;
}
