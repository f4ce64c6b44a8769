using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

/// <summary>The model and the version that an address names.</summary>
internal static class ModelRoute
{
    public const string Model = "model";
    public const string Version = "version";

    /// <param name="route">Names a model, and may name a version.</param>
    /// <param name="models">Those that may be named.</param>
    /// <param name="model">The one that is named, if it is there.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? Find(RouteValueDictionary route, ModelCatalog models, out ServedModel model)
    {
        model = models.Default;
        return Find((string)route[Model]!, (string?)route[Version], models, ref model);
    }

    /// <inheritdoc cref="Find(RouteValueDictionary, ModelCatalog, out ServedModel)"/>
    public static Problem? Find(string name, string? version, ModelCatalog models, ref ServedModel model)
    {
        if (models.Find(name, ref model) is { } problem)
        {
            return problem;
        }

        return version is null || version == model.Card.Version
            ? null
            : new Problem(ProblemType.UnknownModel, $"The model '{name}' has no version '{Excerpt.Of(version)}'. The "
                + $"one that is loaded is '{model.Card.Version}'.");
    }
}
