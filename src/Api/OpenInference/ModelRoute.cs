using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

/// <summary>The model and the version that a request names.</summary>
internal static class ModelRoute
{
    public const string ModelParameter = "model";
    public const string VersionParameter = "version";

    /// <returns>Null where the address names none.</returns>
    public static string? Version(HttpContext context) => (string?)context.Request.RouteValues[VersionParameter];

    /// <param name="context">Its address names a model, and may name a version.</param>
    /// <param name="models">Those that may be named.</param>
    /// <param name="model">The one that is named, if it is there.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? Find(HttpContext context, ModelCatalog models, out ServedModel model)
    {
        model = models.Default;
        return Find((string)context.Request.RouteValues[ModelParameter]!, Version(context), models, ref model);
    }

    /// <inheritdoc cref="Find(HttpContext, ModelCatalog, out ServedModel)"/>
    public static Problem? Find(string name, string? version, ModelCatalog models, ref ServedModel model) =>
        models.Find(name, ref model)
        ?? (version is null || version == model.Card.Version
            ? null
            : new Problem(ProblemType.UnknownModel, $"The model '{name}' has no version '{Excerpt.Of(version)}'. "
                + $"The one that is loaded is '{model.Card.Version}'."));
}
