namespace MnistLstm.Api.Problems;

/// <summary>Explains each problem type at the address that is its <c>type</c>.</summary>
public static class ProblemPages
{
    public const string Path = "/problems";

    public static void MapProblemPages(this WebApplication app) =>
        app.MapGet($"{Path}/{{slug}}", AnswerAsync).ExcludeFromDescription();

    private static Task AnswerAsync(HttpContext context)
    {
        string slug = (string)context.Request.RouteValues["slug"]!;
        if (ProblemType.All.FirstOrDefault(type => type.Slug == slug) is not { } type)
        {
            return ProblemType.NotFound.WithDetail($"There is no problem '{Excerpt.Of(slug)}'.").WriteAsync(context);
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{type.Title}. {type.Advice}\nIts HTTP status is {type.Status}.\n");
    }
}
