namespace MnistLstm.Api.Problems;

/// <summary>Says what each kind of problem means, at the address that is its <c>type</c>.</summary>
public static class ProblemPages
{
    public const string Path = "/problems";

    public static void MapProblemPages(this WebApplication app) =>
        app.MapGet($"{Path}/{{word}}", AnswerAsync).ExcludeFromDescription();

    private static Task AnswerAsync(HttpContext context)
    {
        string word = (string)context.Request.RouteValues["word"]!;
        if (ProblemType.All.FirstOrDefault(type => type.Word == word) is not { } type)
        {
            return ProblemType.NotFound.Because($"There is no problem '{Excerpt.Of(word)}'.").WriteAsync(context);
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{type.Title}. {type.Advice}\nIt comes with status {type.Status}.\n");
    }
}
