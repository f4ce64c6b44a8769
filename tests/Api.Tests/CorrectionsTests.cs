using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>Pictures that people correct are kept where the operator wants them, and nowhere else.</summary>
public sealed class CorrectionsTests : IDisposable
{
    private static readonly byte[] Picture = GrayPng.Encode(GoldenSample.Pixels, 28, 28);

    private readonly string _folder = Directory.CreateTempSubdirectory("mnist-lstm-").FullName;

    private string Corrections => Path.Combine(_folder, "corrections");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_a_folder_the_answer_is_404_and_names_the_setting()
    {
        await using RunningService service = await RunningService.StartAsync();

        using HttpResponseMessage response = await PostAsync(service, "?digit=7");

        await ShouldBeProblemAsync(
            response, HttpStatusCode.NotFound, "not-found",
            "The service keeps corrections only if it is started with --corrections DIR. "
                + ProblemType.NotFound.Advice);
        (await service.Client.GetStringAsync("/swagger/v1/swagger.json")).ShouldNotContain("/corrections");
    }

    [Fact]
    public async Task A_picture_is_stored_once_under_the_last_digit()
    {
        await using RunningService service = await StartAsync();

        (await AnswerAsync(service, "?digit=7", Requests.Raw(Picture))).ShouldBe(7);
        (await AnswerAsync(service, "?digit=7", Requests.Form("file", Picture))).ShouldBe(7);
        (await AnswerAsync(service, "?digit=1", Requests.Raw(Picture))).ShouldBe(1);

        string name = $"{Convert.ToHexStringLower(SHA256.HashData(Picture))}.png";
        Files().ShouldBe([Path.Combine("1", name)]);
        File.ReadAllBytes(Path.Combine(Corrections, "1", name)).ShouldBe(Picture);
    }

    [Fact]
    public async Task The_answer_names_the_file()
    {
        await using RunningService service = await StartAsync();

        using HttpResponseMessage response = await PostAsync(service, "?digit=0");

        JsonElement answer = await response.ReadJsonAsync();
        File.Exists(Path.Combine(Corrections, answer.GetProperty("file").GetString()!)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_OpenAPI_document_describes_corrections_if_they_are_on()
    {
        await using RunningService service = await StartAsync();

        using JsonDocument document =
            JsonDocument.Parse(await service.Client.GetStringAsync("/swagger/v1/swagger.json"));

        JsonElement call = document.RootElement.GetProperty("paths").GetProperty("/corrections").GetProperty("post");
        call.GetProperty("parameters")[0].GetProperty("name").GetString().ShouldBe("digit");
        call.GetProperty("parameters")[0].GetProperty("required").GetBoolean().ShouldBeTrue();
        call.GetProperty("responses").TryGetProperty("507", out _).ShouldBeTrue();
        call.GetProperty("requestBody").GetProperty("content").TryGetProperty("image/png", out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "The digit is missing. Name the one that the picture shows, as in /corrections?digit=7.")]
    [InlineData("?digit=", "The parameter 'digit' takes a digit from 0 to 9, once, not ''.")]
    [InlineData("?digit=12", "The parameter 'digit' takes a digit from 0 to 9, once, not '12'.")]
    [InlineData("?digit=%D9%A7", "The parameter 'digit' takes a digit from 0 to 9, once, not '\u0667'.")]
    [InlineData("?digit=7&digit=8", "The parameter 'digit' takes a digit from 0 to 9, once, not '7,8'.")]
    public async Task A_bad_digit_is_rejected_with_a_sentence(string query, string sentence)
    {
        await using RunningService service = await StartAsync();

        using HttpResponseMessage response = await PostAsync(service, query);

        await ShouldBeProblemAsync(response, HttpStatusCode.BadRequest, "bad-query", sentence);
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_readable_pictures_are_stored()
    {
        await using RunningService service = await StartAsync();
        byte[] blank = GrayPng.Encode(new byte[784], 28, 28);

        foreach ((byte[] file, HttpStatusCode status, string type) in new[]
        {
            ("<svg/>"u8.ToArray(), HttpStatusCode.UnsupportedMediaType, "not-an-image"),
            (Picture[..60], HttpStatusCode.UnsupportedMediaType, "damaged-image"),
            (blank, HttpStatusCode.UnprocessableEntity, "no-ink"),
            ([], HttpStatusCode.BadRequest, "no-file"),
        })
        {
            using HttpResponseMessage response =
                await service.Client.PostAsync("/corrections?digit=7", Requests.Raw(file));
            await ShouldBeProblemAsync(response, status, type);
        }

        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task Data_after_a_picture_is_not_stored_with_it()
    {
        await using RunningService service = await StartAsync();
        byte[] file = [.. Picture, .. new byte[2_000_000]];

        using HttpResponseMessage response =
            await service.Client.PostAsync("/corrections?digit=7", Requests.Raw(file));

        await ShouldBeProblemAsync(
            response, HttpStatusCode.RequestEntityTooLarge, "body-too-large",
            $"The file has {file.Length:N0} bytes, but a picture of 28 x 28 pixels has at most 1,054,848. "
            + "Save the picture again, without other data.");
        Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_folder_accepts_no_more_until_it_is_emptied()
    {
        await using RunningService service = await StartAsync("--max-corrections", "2");

        using HttpResponseMessage first = await PostAsync(service, "?digit=1", Shade(1));
        using HttpResponseMessage second = await PostAsync(service, "?digit=2", Shade(2));
        using HttpResponseMessage known = await PostAsync(service, "?digit=3", Shade(2));
        using HttpResponseMessage third = await PostAsync(service, "?digit=3", Shade(3));

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        known.StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeProblemAsync(third, HttpStatusCode.InsufficientStorage, "corrections-full");
        Files().Length.ShouldBe(2);

        Directory.Delete(Corrections, recursive: true);
        await ServiceProcess.EventuallyAsync(() =>
            PostAsync(service, "?digit=4", Shade(4)).Result.StatusCode == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("--max-corrections", "1")]
    [InlineData("--max-correction-bytes", "1024")]
    public async Task A_restart_counts_stored_pictures_and_deletes_partial_files(string option, string limit)
    {
        Directory.CreateDirectory(Path.Combine(Corrections, "5"));
        await File.WriteAllBytesAsync(Path.Combine(Corrections, "5", "by-hand.png"), new byte[1000]);
        await File.WriteAllBytesAsync(Path.Combine(Corrections, ".half.png.partial"), [1]);

        await using RunningService service = await StartAsync(option, limit);
        using HttpResponseMessage response = await PostAsync(service, "?digit=4", Shade(1));

        await ShouldBeProblemAsync(response, HttpStatusCode.InsufficientStorage, "corrections-full");
        Files().ShouldBe([Path.Combine("5", "by-hand.png")]);
    }

    [Fact]
    public async Task A_full_or_read_only_disk_is_reported_and_no_partial_file_is_left()
    {
        await using RunningService service = await StartAsync();
        byte[] full = Shade(1);
        string partial = Path.Combine(Corrections, $".{Convert.ToHexStringLower(SHA256.HashData(full))}.png.partial");
        File.CreateSymbolicLink(partial, "/dev/full"); // whatever is written there finds no space
        await File.WriteAllTextAsync(Path.Combine(Corrections, "8"), "where a folder should be");

        using HttpResponseMessage noSpace = await PostAsync(service, "?digit=7", full);
        using HttpResponseMessage noFolder = await PostAsync(service, "?digit=8", Shade(2));

        await ShouldBeProblemAsync(noSpace, HttpStatusCode.InsufficientStorage, "corrections-full");
        await ShouldBeProblemAsync(noFolder, HttpStatusCode.ServiceUnavailable, "corrections-unavailable");
        noFolder.Headers.RetryAfter.ShouldNotBeNull();
        Files().ShouldBe(["8"]);
    }

    [Fact]
    public async Task A_full_folder_and_a_broken_disk_do_not_fill_the_log()
    {
        using var log = new EventLog();
        await using RunningService service = await RunningService.StartAsync(
            app => app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log),
            "--corrections", Corrections, "--max-correction-bytes", "1024");
        await File.WriteAllTextAsync(Path.Combine(Corrections, "8"), "where a folder should be");
        byte[] large = [.. Shade(9), .. new byte[1024]];

        for (byte n = 1; n <= 3; n++)
        {
            using HttpResponseMessage broken = await PostAsync(service, "?digit=8", Shade(n));
            using HttpResponseMessage full = await PostAsync(service, "?digit=7", large);
            using HttpResponseMessage kept = await PostAsync(service, "?digit=6", Shade(n));
            ((int)broken.StatusCode, (int)full.StatusCode, (int)kept.StatusCode).ShouldBe((503, 507, 200));
        }

        log.Events.ShouldBe([40, 41]);
    }

    [Fact]
    public async Task A_digit_folder_of_another_owner_leaves_no_partial_file()
    {
        await using RunningService service = await StartAsync();
        Directory.CreateSymbolicLink(Path.Combine(Corrections, "7"), "/sys"); // where not even root may make a file

        using HttpResponseMessage response = await PostAsync(service, "?digit=7");

        await ShouldBeProblemAsync(response, HttpStatusCode.ServiceUnavailable, "corrections-unavailable");
        Directory.GetFileSystemEntries(Corrections).ShouldBe([Path.Combine(Corrections, "7")]);
    }

    [Fact]
    public async Task A_correction_needs_a_key_if_keys_are_set()
    {
        await using RunningService service = await StartAsync("--api-keys", Convert.ToHexString(KeyHash.Of("secret")));

        using HttpResponseMessage without = await PostAsync(service, "?digit=7");
        service.Client.DefaultRequestHeaders.Add("X-API-Key", "secret");
        using HttpResponseMessage with = await PostAsync(service, "?digit=7");

        without.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        with.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Concurrent_corrections_are_each_stored_whole()
    {
        await using RunningService service = await StartAsync();

        HttpResponseMessage[] responses = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(n => PostAsync(service, $"?digit={n % 10}", Shade(n % 20))));

        responses.ShouldAllBe(response => response.StatusCode == HttpStatusCode.OK);
        string[] files = Files();
        files.Length.ShouldBe(20);
        files.ShouldAllBe(file => Path.GetFileNameWithoutExtension(file)
            == Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Corrections, file)))));
    }

    [Fact]
    public void A_read_only_folder_is_reported_at_the_start()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        Should.Throw<InvalidSettingException>(() =>
            Program.Build(["--urls", "http://127.0.0.1:0", "--corrections", file]))
            .Message.ShouldStartWith($"The folder of corrections '{file}' cannot be written: ");
    }

    private Task<RunningService> StartAsync(params string[] args) =>
        RunningService.StartAsync(["--corrections", Corrections, .. args]);

    /// <summary>Every file, relative to the folder of corrections.</summary>
    private string[] Files() =>
    [
        .. Directory.GetFiles(Corrections, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
        })
            .Select(file => Path.GetRelativePath(Corrections, file)).Order(),
    ];

    private static Task<HttpResponseMessage> PostAsync(RunningService service, string query, byte[]? picture = null) =>
        service.Client.PostAsync($"/corrections{query}", Requests.Raw(picture ?? Picture));

    private static async Task<int> AnswerAsync(RunningService service, string query, HttpContent content)
    {
        using HttpResponseMessage response = await service.Client.PostAsync($"/corrections{query}", content);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.ReadJsonAsync()).GetProperty("digit").GetInt32();
    }

    private static async Task ShouldBeProblemAsync(
        HttpResponseMessage response, HttpStatusCode status, string type, string? sentence = null)
    {
        response.StatusCode.ShouldBe(status, await response.Content.ReadAsStringAsync());
        JsonElement problem = await response.ReadJsonAsync();
        problem.GetProperty("type").GetString().ShouldBe($"/problems/{type}");
        problem.GetProperty("detail").GetString().ShouldBe(sentence ?? problem.GetProperty("detail").GetString());
    }

    /// <summary>The same digit in paler ink: another file.</summary>
    private static byte[] Shade(int shade) =>
        GrayPng.Encode([.. GoldenSample.Pixels.Select(pixel => (byte)(pixel * (230 + shade) / 255))], 28, 28);

    private sealed class EventLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<int> Events { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => Events.Enqueue(eventId.Id);

        public void Dispose()
        {
        }
    }
}
