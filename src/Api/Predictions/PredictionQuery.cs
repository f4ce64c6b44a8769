using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Shared;

namespace MnistLstm.Api.Predictions;

/// <summary>
/// The query string of a prediction. Other parameters, as gateways, caches and trackers add them, are ignored.
/// </summary>
/// <param name="Model">The model to use.</param>
/// <param name="Explain">Whether to show what the network saw, row by row.</param>
/// <param name="Rotate">Whether to try all four rotations of a picture.</param>
public readonly record struct PredictionQuery(ServedModel Model, bool Explain, bool Rotate)
{
    public const string ModelParameter = "model";
    public const string ExplainParameter = "explain";
    public const string RotateParameter = "rotate";

    /// <summary>The one value of <see cref="RotateParameter"/>.</summary>
    public const string AutoRotate = "auto";

    /// <summary>Shorter similar names, like <c>mode</c>, may belong to other programs.</summary>
    private const int MinMisspelledLength = 5;

    /// <param name="request">The request.</param>
    /// <param name="models">The models that the query may name.</param>
    /// <param name="parameters">The names that the address takes.</param>
    /// <param name="query">The parsed query if it is valid.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? Read(
        HttpRequest request, ModelCatalog models, string[] parameters, out PredictionQuery query)
    {
        ServedModel model = models.Default;
        bool explain = false;
        bool rotate = false;
        Problem? problem = null;
        if (request.QueryString.HasValue)
        {
            foreach ((string name, StringValues values) in request.Query)
            {
                problem ??=
                    name.Equals(ModelParameter, StringComparison.OrdinalIgnoreCase)
                        ? ReadModel(values, models, ref model)
                    : name.Equals(ExplainParameter, StringComparison.OrdinalIgnoreCase)
                        ? ReadExplain(values, ref explain)
                    : name.Equals(RotateParameter, StringComparison.OrdinalIgnoreCase)
                        ? ReadRotate(values, ref rotate)
                    : name.Length >= MinMisspelledLength && NearestName.Find(name, parameters) is { } meant
                        ? ProblemType.BadQuery.WithDetail(
                            $"There is no query parameter '{name}'; '{meant}' was probably meant.")
                    : null;
            }
        }

        query = new PredictionQuery(model, explain, rotate);
        return problem;
    }

    private static Problem? ReadModel(StringValues values, ModelCatalog models, ref ServedModel model) =>
        values is [{ } value]
        ? models.Find(value, ref model)
        : ProblemType.BadQuery.WithDetail($"The parameter '{ModelParameter}' takes one name, not {values.Count}.");

    private static Problem? ReadExplain(StringValues values, ref bool explain)
    {
        bool? read = values is [{ } value] ? ParseSwitch(value) : null;
        explain = read ?? false;
        return read is null
            ? ProblemType.BadQuery.WithDetail(
                $"The parameter '{ExplainParameter}' takes true or false (or 1 or 0, yes or no, on or off), once.")
            : null;
    }

    private static Problem? ReadRotate(StringValues values, ref bool rotate)
    {
        rotate = values is [{ } value] && value.Equals(AutoRotate, StringComparison.OrdinalIgnoreCase);
        return rotate
            ? null
            : ProblemType.BadQuery.WithDetail(
                $"The parameter '{RotateParameter}' takes {AutoRotate}, once, not '{Excerpt.Of(values)}'.");
    }

    private static bool? ParseSwitch(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => null,
    };
}
