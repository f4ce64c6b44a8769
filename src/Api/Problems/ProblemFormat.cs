namespace MnistLstm.Api.Problems;

/// <summary>The error format of a protocol, registered as a service.</summary>
/// <param name="Root">The path prefix of the protocol.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Serialize">Serializes the body to UTF-8.</param>
public sealed record ProblemFormat(PathString Root, string ContentType, Func<Problem, byte[]> Serialize)
{
    /// <summary>RFC 9457, the default.</summary>
    public static ProblemFormat Standard { get; } = new(PathString.Empty, Problem.ContentType, Problem.Serialize);

    /// <summary>The format for the address of a request.</summary>
    public static ProblemFormat For(HttpContext context) =>
        context.RequestServices.GetServices<ProblemFormat>()
            .FirstOrDefault(format => context.Request.Path.StartsWithSegments(format.Root))
        ?? Standard;
}
