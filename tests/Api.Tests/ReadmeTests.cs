using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Settings;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Api.Tests;

/// <summary>The README's commands, answers and paths are those of the code.</summary>
public sealed partial class ReadmeTests(SharedService shared) : IClassFixture<SharedService>
{
    /// <summary>Set to 1 to draw the picture and write the answer after an intended change.</summary>
    private const string UpdateVariable = "UPDATE_SNAPSHOTS";

    /// <summary>Another processor may round the edge of a line to another gray.</summary>
    private const int GrayTolerance = 2;

    /// <summary>
    /// Another processor adds up in another order: the pixels of the decoded picture and the sums of the network.
    /// </summary>
    private const double ProbabilityTolerance = 1e-4;

    /// <summary>
    /// The lengths in the reading order guide a reader; code may grow by this share before they mislead.
    /// </summary>
    private const double LengthTolerance = 0.1;

    /// <summary>So that an editor or a pager shows a line of prose whole.</summary>
    private const int MaxProse = 160;

    /// <summary>The Dockerfile has no extension.</summary>
    private static readonly string[] TextFiles =
        ["", ".conf", ".cs", ".css", ".html", ".js", ".json", ".md", ".proto", ".yaml", ".yml"];

    private static readonly string ReadmePath = Repository.PathOf("README.md");
    private static readonly string Readme = File.ReadAllText(ReadmePath);

    [Fact]
    public void The_first_command_runs_the_service_and_the_second_the_tests()
    {
        string[] commands = [.. Commands()];

        commands[0].ShouldBe("dotnet run --project src/Api -c Release");
        commands[1].ShouldBe("./test.sh");
        File.Exists(Repository.PathOf("src", "Api", "Api.csproj")).ShouldBeTrue();
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Repository.PathOf("test.sh")).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task The_third_command_gets_the_answer_below_it()
    {
        Match command = Curl().Match(Commands().ElementAt(2));
        command.Success.ShouldBeTrue();
        command.Groups["address"].Value.ShouldBe(ServerAddress.Default);
        byte[] picture = await File.ReadAllBytesAsync(Repository.PathOf(command.Groups["path"].Value.Split('/')));

        using HttpResponseMessage response = await shared.Client.PostAsync(
            new Uri(command.Groups["call"].Value, UriKind.Relative),
            Requests.Form(command.Groups["field"].Value, picture));

        JsonElement actual = await response.ReadJsonAsync();
        string block = JsonBlock().Match(Readme).Groups[1].Value;
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            await File.WriteAllTextAsync(ReadmePath, Readme.Replace(block, AsWritten(actual)));
            block = AsWritten(actual);
        }

        using JsonDocument document = JsonDocument.Parse(block);
        JsonElement written = document.RootElement;
        actual.GetProperty("digit").GetInt32().ShouldBe(ExamplePicture.Digit);
        actual.GetProperty("isDigit").GetBoolean().ShouldBeTrue();
        string advice = $"If the change is intended, run the test again with {UpdateVariable}=1.";
        written.EnumerateObject().Select(p => p.Name).ShouldBe(actual.EnumerateObject().Select(p => p.Name), advice);
        written.GetProperty("digit").GetInt32().ShouldBe(ExamplePicture.Digit, advice);
        written.GetProperty("isDigit").GetBoolean().ShouldBeTrue(advice);
        JsonElement.DeepEquals(written.GetProperty("box"), actual.GetProperty("box")).ShouldBeTrue(advice);
        JsonElement.DeepEquals(written.GetProperty("model"), actual.GetProperty("model")).ShouldBeTrue(advice);
        Probabilities(written).Zip(Probabilities(actual), (one, other) => Math.Abs(one - other)).Max()
            .ShouldBeLessThanOrEqualTo(ProbabilityTolerance, advice);
        written.GetProperty("probability").GetDouble().ShouldBe(Probabilities(written)[ExamplePicture.Digit], advice);
    }

    [Fact]
    public void The_picture_in_the_README_is_drawn_by_our_own_code()
    {
        byte[] drawn = ExamplePicture.Draw();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(ExamplePicture.Location)!);
            File.WriteAllBytes(ExamplePicture.Location, drawn);
        }

        using GrayImage expected = Decode(drawn);
        using GrayImage actual = Decode(File.ReadAllBytes(ExamplePicture.Location));

        (actual.Width, actual.Height).ShouldBe((expected.Width, expected.Height));
        actual.Pixels.ToArray().Zip(expected.Pixels.ToArray(), (one, other) => Math.Abs(one - other)).Max()
            .ShouldBeLessThanOrEqualTo(
                GrayTolerance, $"If the change is intended, run the test again with {UpdateVariable}=1.");
    }

    [Fact]
    public void Every_path_in_the_documents_exists()
    {
        string[] missing =
        [
            .. from document in Documents()
               let text = File.ReadAllText(document)
               from link in Link().Matches(text).Select(match => match.Groups[1].Value)
                   .Where(target => !target.Contains("://"))
                   .Select(target => Path.Combine(Path.GetDirectoryName(document)!, target.Split('#')[0]))
                   .Concat(SourcePath().Matches(text).Select(match => Repository.PathOf(match.Groups[1].Value)))
               where !Path.Exists(link)
               select $"{Path.GetRelativePath(Repository.Root, document)}: "
                   + $"{Path.GetRelativePath(Repository.Root, link)}"
        ];

        missing.ShouldBeEmpty();
    }

    [Fact]
    public void Ten_questions_are_answered_under_a_heading() =>
        Question().Count(Readme).ShouldBe(10);

    [Fact]
    public void Every_link_to_a_heading_leads_to_one()
    {
        string[] missing =
        [
            .. from document in Documents()
               from link in Link().Matches(File.ReadAllText(document)).Select(match => match.Groups[1].Value)
               where link.Contains('#') && !link.Contains("://")
               let target = link.Split('#')
               let path = target[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, target[0])
               where !Heading().Matches(File.ReadAllText(path))
                   .Any(heading => Anchor(heading.Groups[1].Value) == target[1])
               select $"{Path.GetRelativePath(Repository.Root, document)}: {link}"
        ];

        missing.ShouldBeEmpty();
    }

    [Fact]
    public void The_program_in_the_documentation_is_part_of_the_example()
    {
        string[] example = File.ReadAllLines(Repository.PathOf("examples", "predict.cs"));

        string block = CSharpBlock().Match(File.ReadAllText(Repository.PathOf("docs", "api.md"))).Groups[1].Value;

        block.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBeSubsetOf(example);
    }

    [Fact]
    public void The_reading_order_says_how_long_its_files_are()
    {
        (int Written, int Actual)[] stages =
        [
            .. MarkdownTable.Rows(Readme, "| stage | files | lines |").Select(row => (
                int.Parse(row[2], CultureInfo.InvariantCulture),
                Link().Matches(row[1]).Sum(file => File.ReadLines(Repository.PathOf(file.Groups[1].Value)).Count())))
        ];
        int total =
            int.Parse(Total().Match(Readme).Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

        string advice = $"The lines are to be {string.Join(", ", stages.Select(stage => stage.Actual))}.";
        stages.ShouldAllBe(stage => Math.Abs(stage.Written - stage.Actual) <= LengthTolerance * stage.Actual, advice);
        ((double)total).ShouldBe(stages.Sum(stage => stage.Actual), LengthTolerance * total, advice);
    }

    [Fact]
    public void The_patterns_of_prose_that_CONTRIBUTING_forbids_do_not_occur()
    {
        string contributing = File.ReadAllText(Repository.PathOf("CONTRIBUTING.md"));
        Match[] checks = [.. WordCheck().Matches(contributing).AsEnumerable()];

        checks.Length.ShouldBe(2);
        foreach (Match check in checks)
        {
            var forbidden = new Regex(check.Groups["pattern"].Value);
            string[] found =
            [
                .. from path in check.Groups["paths"].Value.Split(' ').Select(path => Repository.PathOf(path))
                   from file in File.Exists(path) ? [path] : Directory.GetFiles(path, "*", SearchOption.AllDirectories)
                   where TextFiles.Contains(Path.GetExtension(file))
                       && !file.Contains("node_modules", StringComparison.Ordinal)
                   from line in File.ReadLines(file)
                   where forbidden.IsMatch(line)
                   select $"{Path.GetRelativePath(Repository.Root, file)}: {line.Trim()}"
            ];

            found.ShouldBeEmpty();
        }
    }

    [Fact]
    public void No_line_of_prose_is_too_long_and_the_README_stays_short()
    {
        string[] tooLong =
        [
            .. from document in Documents()
               from line in CodeBlock().Replace(File.ReadAllText(document), "").Split('\n')
               where line.Length > MaxProse && !line.StartsWith('|')
               select $"{Path.GetRelativePath(Repository.Root, document)}: {line}"
        ];

        tooLong.ShouldBeEmpty();
        File.ReadLines(ReadmePath).Count().ShouldBeLessThanOrEqualTo(120);
    }

    /// <summary>As GitHub makes it of a heading.</summary>
    private static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    private static IEnumerable<string> Documents() => Directory.GetFiles(Repository.Root, "*.md")
        .Concat(Directory.GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories));

    private static IEnumerable<string> Commands() =>
        ShellBlock().Matches(Readme)
        .SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static GrayImage Decode(byte[] file)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        return image!;
    }

    private static double[] Probabilities(JsonElement prediction) =>
        [.. prediction.GetProperty("probabilities").EnumerateArray().Select(p => p.GetDouble())];

    private static string AsWritten(JsonElement prediction)
    {
        JsonElement model = prediction.GetProperty("model");
        PictureBox box = prediction.GetProperty("box").Deserialize<PictureBox>(JsonSerializerOptions.Web);
        string[] probabilities =
            [.. prediction.GetProperty("probabilities").EnumerateArray().Select(p => p.GetRawText())];
        return $$"""
            {
              "digit": {{prediction.GetProperty("digit")}},
              "probability": {{prediction.GetProperty("probability").GetRawText()}},
              "probabilities": [
                {{string.Join(", ", probabilities[..5])}},
                {{string.Join(", ", probabilities[5..])}}
              ],
              "isDigit": {{prediction.GetProperty("isDigit").GetRawText()}},
              "box": { "x": {{box.X}}, "y": {{box.Y}}, "width": {{box.Width}}, "height": {{box.Height}} },
              "model": { "name": "{{model.GetProperty("name")}}", "version": "{{model.GetProperty("version")}}" }
            }

            """;
    }

    [GeneratedRegex(@"^curl -F (?<field>\w+)=@(?<path>\S+) (?<address>http://[^/\s]+)(?<call>/\S+)$")]
    private static partial Regex Curl();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("^git grep -nE '(?<pattern>[^']+)' -- (?<paths>.+)$", RegexOptions.Multiline)]
    private static partial Regex WordCheck();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"^\d+\. \[[^\]]+\?\]\([^)#]+#[^)]+\)$", RegexOptions.Multiline)]
    private static partial Regex Question();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"about ([\d,]+) lines of C#")]
    private static partial Regex Total();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:src|tests|docs|models|bench|deploy|scripts)/[\w./-]+)`")]
    private static partial Regex SourcePath();
}
