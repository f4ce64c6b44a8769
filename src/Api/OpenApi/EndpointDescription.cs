using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenApi;

/// <summary>Metadata of an endpoint for the OpenAPI document.</summary>
public static class EndpointDescription
{
    /// <summary>Makes a plain request handler visible to the API explorer, which finds only bound handlers.</summary>
    public static RouteHandlerBuilder DescribedBy(this IEndpointConventionBuilder endpoint, RequestDelegate handler)
    {
        endpoint.WithMetadata(handler.Method);
        return new RouteHandlerBuilder([endpoint]);
    }

    /// <summary>Declares the errors of an endpoint.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, params ProblemType[] problems) =>
        endpoint.WithMetadata(new ProblemTypes(problems));

    /// <summary>The errors of an endpoint.</summary>
    internal sealed record ProblemTypes(IReadOnlyList<ProblemType> Types);
}
