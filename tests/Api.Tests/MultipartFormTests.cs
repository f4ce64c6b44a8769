using System.Text;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Tests;

public sealed class MultipartFormTests
{
    private const string Type = "multipart/form-data; boundary=b";

    [Theory]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nDATA\r\n--b--\r\n")]
    [InlineData(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: "
        + "image/png\r\n\r\nDATA\r\n--b--")]
    [InlineData(
        "--b\r\nContent-Type: image/png\r\ncontent-disposition: FORM-DATA; filename=\"x; name=other.png\"; "
        + "name=file\r\n\r\nDATA\r\n--b--\r\n")]
    [InlineData(
        "a preamble\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nDATA\r\n--b--\r\nan epilogue")]
    [InlineData("--b \r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nDATA\r\n--b--\r\n")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"file\"\n\nDATA\n--b--\n")]
    [InlineData("a preamble\n--b\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\n\nDATA\n--b--")]
    [InlineData("--b\r\nContent-Disposition: form-data; filename=\"C:\\digits\\five.png\"; "
        + "name=\"file\"\r\n\r\nDATA\r\n--b--\r\n")]
    [InlineData(
        "--b\r\nContent-Disposition: form-data; filename=\"C:\\digits\\\"; name=\"file\"\r\n\r\nDATA\r\n--b--\r\n")]
    [InlineData("--b\r\nContent-Disposition: form-data; filename=\"a \\\"5\\\"; name=.png\"; "
        + "name=\"file\"\r\n\r\nDATA\r\n--b--\r\n")]
    [InlineData("--b\r\nContent-Disposition: form-data; filename*=UTF-8''f%C3%BCnf.png; "
        + "name=\"file\"\r\n\r\nDATA\r\n--b--\r\n")]
    public void A_part_is_found_however_the_client_writes_it(string body)
    {
        (string? violation, List<FormPart> parts) = Parse(body, Type);

        violation.ShouldBeNull();
        FormPart part = parts.ShouldHaveSingleItem();
        part.Name.ShouldBe(FormPart.File);
        body.Substring(part.Start, part.Length).ShouldBe("DATA");
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=\"a quoted one\"", "a quoted one")]
    [InlineData("multipart/form-data; charset=utf-8; boundary=plain", "plain")]
    [InlineData("Multipart/Form-Data;Boundary=----WebKitFormBoundaryAbC123", "----WebKitFormBoundaryAbC123")]
    public void The_boundary_is_read_from_the_content_type(string contentType, string boundary)
    {
        string body = $"--{boundary}\r\nContent-Disposition: form-data; name=\"files\"\r\n\r\none\r\n--{boundary}\r\n"
            + $"Content-Disposition: form-data; name=\"files\"\r\n\r\n\r\n--{boundary}--\r\n";

        (string? violation, List<FormPart> parts) = Parse(body, contentType);

        violation.ShouldBeNull();
        parts.Select(part => body.Substring(part.Start, part.Length)).ShouldBe(["one", ""]);
    }

    [Fact]
    public void Content_of_a_form_with_LF_may_end_with_CR_and_that_of_one_with_CRLF_may_hold_the_boundary_after_LF()
    {
        const string WithLf = "--b\nContent-Disposition: form-data; name=\"file\"\n\nDATA\r\n--b--\n";
        const string WithCrLf = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nDATA\n--b\r\n--b--\r\n";

        FormPart lf = Parse(WithLf, Type).Parts.ShouldHaveSingleItem();
        FormPart crLf = Parse(WithCrLf, Type).Parts.ShouldHaveSingleItem();

        WithLf.Substring(lf.Start, lf.Length).ShouldBe("DATA\r");
        WithCrLf.Substring(crLf.Start, crLf.Length).ShouldBe("DATA\n--b");
    }

    [Fact]
    public void Content_may_hold_line_ends_dashes_and_almost_the_boundary()
    {
        const string Content = "\r\n--\r\n--a\r\n\r\n--";
        string body = $"--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{Content}\r\n--b--\r\n";

        (_, List<FormPart> parts) = Parse(body, Type);

        FormPart part = parts.ShouldHaveSingleItem();
        body.Substring(part.Start, part.Length).ShouldBe(Content);
    }

    [Theory]
    [InlineData("", Type)]
    [InlineData("--b", Type)]
    [InlineData("--b\r\n", Type)]
    [InlineData("--b\r\n\r\n--b--", Type)]
    [InlineData("--b\r\nContent-Disposition: form-data\r\n\r\nDATA\r\n--b--", Type)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nDATA\r\n", Type)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nDATA\r\n--b", Type)]
    [InlineData("--b--", "multipart/form-data")]
    [InlineData("--b--", "multipart/form-data; boundary=")]
    [InlineData("--b--", "multipart/form-data; boundary=äöü")]
    public void Bodies_that_are_not_forms_are_described_in_a_clause(string body, string contentType)
    {
        (string? violation, _) = Parse(body, contentType);

        violation.ShouldNotBeNullOrWhiteSpace();
        violation.ShouldNotEndWith(".");
    }

    [Theory]
    [InlineData(8192, null)]
    [InlineData(8193, "a header line of a part is longer than 8192 bytes")]
    public void A_header_line_has_8_KiB_at_most(int length, string? violation)
    {
        string line = "Content-Disposition: form-data; name=\"file\"; filename=\"" + new string('n', length);
        string body = $"--b\r\n{line[..(length - 1)]}\"\r\n\r\nDATA\r\n--b--\r\n";

        Parse(body, Type).Violation.ShouldBe(violation);
    }

    [Fact]
    public void A_long_name_is_shortened()
    {
        string header = $"Content-Disposition: form-data; name=\"{new string('n', 8000)}\"";

        (_, List<FormPart> parts) = Parse($"--b\r\n{header}\r\n\r\nDATA\r\n--b--\r\n", Type);

        parts.ShouldHaveSingleItem().Name.ShouldBe(new string('n', 63) + "…");
    }

    [Theory]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nDATA\r\n--b--\r\n")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"file\"\n\nDATA\n--b--\n")]
    public void Every_truncated_form_is_rejected_or_complete(string body)
    {
        int whole = body.IndexOf("--b--", StringComparison.Ordinal) + "--b--".Length;

        for (int length = 0; length <= body.Length; length++)
        {
            (string? violation, _) = Parse(body[..length], Type);

            (violation is null).ShouldBe(length >= whole, $"cut to {length} characters");
        }
    }

    private static (string? Violation, List<FormPart> Parts) Parse(string body, string contentType)
    {
        List<FormPart> parts = [];
        return (MultipartForm.Parse(Encoding.Latin1.GetBytes(body), contentType, parts), parts);
    }
}
