using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Models;
using MnistLstm.Api.Operations;

namespace MnistLstm.Api.Predictions;

/// <summary>What the query string of a prediction asks for.</summary>
/// <param name="Model">The model that is to answer.</param>
/// <param name="Explain">Whether to show what the network saw, row by row.</param>
public readonly record struct PredictionQuery(ServedModel Model, bool Explain)
{
    public const string ModelParameter = "model";
    public const string ExplainParameter = "explain";

    /// <param name="request">Its query string is read.</param>
    /// <param name="models">Those that may be named.</param>
    /// <param name="query">What is asked for, where nothing is wrong.</param>
    /// <returns>What is wrong; null if all is well.</returns>
    public static Problem? Read(HttpRequest request, ModelCatalog models, out PredictionQuery query)
    {
        ServedModel model = models.Default;
        bool explain = false;
        Problem? problem = null;
        if (request.QueryString.HasValue)
        {
            foreach ((string name, StringValues values) in request.Query)
            {
                problem ??= (name, values) switch
                {
                    (ModelParameter, [{ } value]) => models.Find(value, ref model),
                    (ExplainParameter, [{ } value]) when bool.TryParse(value, out explain) => null,
                    (ModelParameter, _) => ProblemType.BadQuery.Because("The parameter 'model' takes one name."),
                    (ExplainParameter, _) => ProblemType.BadQuery.Because("The parameter 'explain' takes true or false."),
                    _ => ProblemType.BadQuery.Because($"There is no query parameter '{name}'."),
                };
            }
        }

        query = new PredictionQuery(model, explain);
        return problem;
    }
}
