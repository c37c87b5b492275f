package io.conec;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.PROTECTED;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import org.junit.jupiter.api.Test;

/** The layers of docs/ARCHITECTURE.md. A package that does not exist breaks no rule; one that no layer names does. */
final class ArchitectureTests {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.conec");

    private static final DescribedPredicate<JavaClass> API =
            resideInAPackage("io.conec..").and(resideOutsideOfPackage("io.conec.internal.."));

    @Test
    void dependenciesPointDownOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.conec..")
                .withOptionalLayers(true)
                .ensureAllClassesAreContainedInArchitecture()
                .layer("api")
                .definedBy("io.conec")
                .layer("security")
                .definedBy("io.conec.security")
                .layer("protocol")
                .definedBy("io.conec.internal.protocol")
                .layer("transport")
                .definedBy("io.conec.internal.transport")
                .layer("channel")
                .definedBy("io.conec.internal.channel")
                .layer("coordinator")
                .definedBy("io.conec.coordinator")
                .layer("client")
                .definedBy("io.conec.client")
                .whereLayer("api")
                .mayNotAccessAnyLayer()
                .whereLayer("security")
                .mayOnlyAccessLayers("api")
                .whereLayer("protocol")
                .mayOnlyAccessLayers("api")
                .whereLayer("transport")
                .mayOnlyAccessLayers("api", "security", "protocol")
                .whereLayer("channel")
                .mayOnlyAccessLayers("api", "security", "protocol", "transport")
                .whereLayer("coordinator")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("client")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theApplicationsViewNeedsTheJdkOnly() {
        classes()
                .that()
                .resideInAPackage("io.conec")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.conec", "java..", "org.jspecify.annotations")
                .check(CLASSES);
    }

    @Test
    void onlyTheTransportKnowsNettysQuicCodec() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.conec.internal.transport")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.handler.codec.quic..")
                .check(CLASSES);
    }

    @Test
    void theApiSpeaksOfJdkTypesAndItselfOnly() {
        members()
                .that()
                .areDeclaredInClassesThat(API.and(modifier(PUBLIC)))
                .and(describe(
                        "are public or protected",
                        member -> member.getModifiers().contains(PUBLIC)
                                || member.getModifiers().contains(PROTECTED)))
                .should(speakOnlyOf(resideInAnyPackage("java..", "javax..").or(API)))
                .check(CLASSES);
    }

    @Test
    void namesSayWhatAClassIs() {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|(?<!Trust)Manager|Utils?|Helper)")
                .check(CLASSES);
    }

    private static ArchCondition<JavaMember> speakOnlyOf(DescribedPredicate<JavaClass> allowed) {
        return new ArchCondition<>("speak only of classes that " + allowed.getDescription()) {
            @Override
            public void check(JavaMember member, ConditionEvents events) {
                member.getAllInvolvedRawTypes().stream()
                        .map(JavaClass::getBaseComponentType)
                        .filter(type -> !type.isPrimitive() && !allowed.test(type))
                        .forEach(type -> events.add(
                                violated(member, member.getFullName() + " speaks of " + type.getFullName())));
            }
        };
    }
}
